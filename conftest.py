"""Fixtures of the practice city for every test; pytest wants plugins to be named at the top."""

pytest_plugins = ["edu_pipeline_tests.stages"]
