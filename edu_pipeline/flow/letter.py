"""A letter: always written to a file, and sent where a mail server is set.

addressees, subject, text -> <data>/letters/*.eml, SMTP

What does not belong here: what a letter says (remind.py). A letter holds counts and codes, never a child's data.
"""

import datetime as dt
import smtplib
import uuid
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from edu_pipeline.settings import CITY_ZONE, Settings

_SECONDS = 30


class LetterFailed(RuntimeError):
    """The mail server did not take a letter; it stands in its file."""


def send(config: Settings, to: Sequence[str], subject: str, body: str) -> Path:
    """Write a letter and send it to those addressees that have an e-mail address. Raises LetterFailed."""
    addresses = [one for one in dict.fromkeys(to) if "@" in one]
    letter, now = EmailMessage(), dt.datetime.now(CITY_ZONE)
    letter["From"], letter["Subject"], letter["Date"] = config.mail_from, subject, format_datetime(now)
    if to:
        # Who has a telephone only is named all the same: somebody reads the file to him.
        letter["To" if addresses else "X-To"] = ", ".join(addresses or dict.fromkeys(to))
    letter.set_content(body)
    folder = config.data_dir / "letters"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}.eml"
    path.write_bytes(bytes(letter))
    if config.mail_server and addresses:
        _post(config.mail_server, letter, path)
    return path


def _post(server: str, letter: EmailMessage, path: Path) -> None:
    host, _, port = server.partition(":")
    try:
        with smtplib.SMTP(host, int(port or 25), timeout=_SECONDS) as post:
            post.send_message(letter)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        said = f"{server} did not take the letter ({type(error).__name__}); it stands in {path}"
        raise LetterFailed(f"{said}. Remedy: check EDU_MAIL_SERVER, then `edu-pipeline hold remind`") from error
