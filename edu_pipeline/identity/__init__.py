"""The room of identities: who a record may be that says it too badly, and whom the registry is asked to create.

waiting.student, waiting.staff, master.identity -> identity.suspicion, identity.request; decisions -> identity.alias

What does not belong here: admitting anybody (validate). Nobody is merged on a guess: a steward decides, and may split.
"""
