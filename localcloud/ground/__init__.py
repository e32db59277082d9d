"""What everything stands on: time, dice, the record of what happened, who calls, what a refusal is."""
