"""The conformance kit: does a vendor's system keep the partner contract? Run by the vendor, at home.

contract.json, a vendor's address and token -> questions -> what must, should and may be mended

It reads only, prints counts and hashes of keys and no value, and imports nothing but Python's own library, so that
`edu-pipeline kit FILE` can pack it into one file that runs anywhere (`python vendor-check.pyz URL`).
What does not belong here: anything of the pipeline.
"""
