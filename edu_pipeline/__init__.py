"""edu_pipeline: one true register of a city's schools, classes, pupils and staff.

landing -> normalize -> validate -> master -> rollover -> warehouse -> report; read docs/decisions.md first.
"""
