"""Layer 2, room 5: close a year, open the next.

closing snapshot -> plan -> check -> apply -> reconcile (-> undo)

What does not belong here: running SQL, locks and transactions (flow); what schools report for the new year (master).
"""
