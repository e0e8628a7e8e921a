"""Faults of the bytes: answers that do not come, break off, trickle, or unpack to far more than they weigh.

Answer -> another way of delivering it

What does not belong here: what an answer says (refusals.py, pages.py, readings.py, distort.py).
"""

import asyncio
import zlib
from collections.abc import Iterator

from edu_pipeline.sandbox.exchange import Answer, Hit, fault
from edu_pipeline.sandbox.line import Line

_BLOCK = 1024 * 1024


@fault()
async def unreachable(hit: Hit) -> Answer:
    """The connection is closed without an answer."""

    async def deliver(answer: Answer, line: Line) -> None:
        await line.hang_up()

    return Answer(200, deliver=deliver)


@fault(where="body")
async def reset(hit: Hit) -> Answer:
    """The connection is reset (RST) in the middle of the body, or of the `headers` by option `where`."""
    answer = await hit.answer()

    async def deliver(answer: Answer, line: Line) -> None:
        if hit.options["where"] == "headers":
            await line.raw(b"HTTP/1.1 200 OK\r\nContent-Type: applica")
        else:
            body = answer.written()
            await line.start(answer.status, answer.headers | {"content-length": str(len(body))})
            await line.write(body[: len(body) // 2])
            await line.flush()
        await line.reset()

    answer.deliver = deliver
    return answer


@fault(share=0.5)
async def truncated_body(hit: Hit) -> Answer:
    """content-length says the whole, `share` of the body is sent, then the connection is closed."""
    answer = await hit.answer()

    async def deliver(answer: Answer, line: Line) -> None:
        body = answer.written()
        await line.start(answer.status, answer.headers | {"content-length": str(len(body))})
        await line.write(body[: int(len(body) * hit.options["share"])])
        await line.hang_up()

    answer.deliver = deliver
    return answer


@fault(piece=1024, seconds=0.1)
async def slow_drip(hit: Hit) -> Answer:
    """The body comes in pieces of `piece` bytes, `seconds` apart."""
    answer = await hit.answer()

    async def deliver(answer: Answer, line: Line) -> None:
        body, size = answer.written(), hit.options["piece"]
        await line.start(answer.status, answer.headers | {"content-length": str(len(body))})
        for begin in range(0, len(body), size):
            if not line.is_open:
                return
            await line.write(body[begin : begin + size])
            await asyncio.sleep(hit.options["seconds"])
        await line.write(b"", is_last=True)

    answer.deliver = deliver
    return answer


@fault(bytes=200_000_000)
async def gzip_bomb(hit: Hit) -> Answer:
    """The right answer in gzip, followed by so much white space that it unpacks to `bytes`: small on the wire."""
    answer = await hit.answer()

    async def deliver(answer: Answer, line: Line) -> None:
        packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
        await line.start(answer.status, answer.headers | {"content-encoding": "gzip"})
        for block in _swollen(answer.written(), hit.options["bytes"]):
            if not line.is_open:
                return
            if piece := packer.compress(block):
                await line.write(piece)
            await asyncio.sleep(0)  # the other answers' turn
        await line.write(packer.flush(), is_last=True)

    answer.deliver = deliver
    return answer


def _swollen(body: bytes, size: int) -> Iterator[bytes]:
    """The body and white space, up to so many bytes in all, block by block."""
    yield body
    missing = size - len(body)
    while missing > 0:
        yield b" " * min(missing, _BLOCK)
        missing -= _BLOCK


FAULTS = (unreachable, reset, truncated_body, slow_drip, gzip_bomb)
