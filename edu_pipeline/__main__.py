"""`python -m edu_pipeline`: the same door as `edu-pipeline`."""

from edu_pipeline.cli import main

main()
