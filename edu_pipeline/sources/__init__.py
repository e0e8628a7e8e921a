"""Layer 1: where data comes from. Kinds of systems (systems/*.yaml), and the site's connections and calendar.

YAML -> System, Site

What does not belong here: requests (landing) and values (normalize).
"""
