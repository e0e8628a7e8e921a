"""Layer 2, room 6: shape for questions.

master, history, rollover -> warehouse.<table>_change -> gate -> warehouse.dim_*, fct_*, rollover_difference

What does not belong here: a new truth. Every row says on what basis it stands: reported, or rolled over.
"""
