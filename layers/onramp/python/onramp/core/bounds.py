"""How far a run may go: its own account, its place on the share, and its records in the network account's zones.

The look says what is to be done, and reads what teams wrote. Its run's name it does not choose: the machine tells it.
A step that puts the account's VPC into a hosted zone of another account enters that for its authorisation, and no more.
"""

from onramp.core.names import whose
from onramp.core.steps import Batch, CreateRecords, DeleteRecords, ShareNetwork, UnshareNetwork


def within(batch: Batch, run: str, network_account: str) -> bool:
    """Is it one that the run of this name may have done?"""
    account = whose(run)
    if batch.sharing:
        return all(isinstance(step, ShareNetwork | UnshareNetwork) and step.name == account for step in batch.steps)
    if batch.account == account:
        return True
    return batch.account == network_account and all(
        isinstance(step, CreateRecords | DeleteRecords) for step in batch.steps
    )
