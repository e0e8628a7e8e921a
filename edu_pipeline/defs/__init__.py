"""Layer 4: the Dagster shell: keys, assets, checks, jobs, schedules, sensors; one call into flow each.

flow -> materializations, check results, runs

What does not belong here: what could be tested without Dagster. Metadata holds counts and timings, never a row.
"""
