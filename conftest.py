"""Fixtures of the practice city for every test below; this file stands here because pytest wants plugins named at the top."""

pytest_plugins = ["edu_pipeline_tests.stages"]
