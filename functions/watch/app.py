"""Look over all accounts every few minutes: ring for who is owed a look, and tell people what nobody else tells."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from onramp import __version__, wiring
from onramp.aws.account import Account
from onramp.aws.accounts import Accounts
from onramp.aws.announce import ask, put, write
from onramp.aws.inventory import inventory, told
from onramp.aws.lease import FAILED_IN_A_ROW, is_alive
from onramp.core import offers, watch
from onramp.core.digest import digest, joined
from onramp.core.fleet import holds
from onramp.log import logger, metrics

wiring.begin("dynamodb")


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    """Any event says that time has passed, `{"digest": true}` that the week is over, too. What fails is tried again by
    the next one.
    """
    found, own, now = wiring.settings(), wiring.own(), wiring.now()
    accounts = Accounts(own, found.table)
    if event.get("digest"):
        _weekly(found, own, accounts, now)
    entries = accounts.all()
    for entry in filter(watch.unnoted, entries):
        accounts.note(entry)
    for account in sorted(watch.unexpected(entries, found.members)):
        accounts.list_(account, now)
    held = watch.held_long(entries, now)
    dead = frozenset(entry.holder for entry in held if not is_alive(own, found.state_machine, entry.holder))
    for account, because in watch.owed(entries, dead, now, FAILED_IN_A_ROW).items():
        logger.warning("owed a look", extra={"account": account, "because": because})
        ask(own, found.bus, account, because)
    wrong = watch.findings(found.network_name, entries, found.members, now, __version__)
    for name, number in watch.counts(wrong).items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
    if news := watch.news(wrong):
        put(own, found.bus, [watch.announcement(found.network_name, it) for it in news])
        write(own, found.topic, watch.summary(found.network_name, news, found.language))
        for it in news:
            logger.warning("account", extra={"account": it.account, "code": it.code, "before": it.before})
            accounts.tell(it.account, it.code)
    for entry in entries:
        if watch.due(entry, now, int(found.notice_minutes)):
            write(own, found.topic, watch.collected(found.network_name, entry, found.language))
            accounts.sent(entry)
    # Last: a write an account, of what can wait for the next time.
    looking = {entry.account: entry for entry in entries}
    for account, offered in offers.news(entries, now).items():
        rings = offers.rings(looking[account], offered)
        accounts.offer(account, offered, now if rings else None)
        if rings:
            ask(own, found.bus, account, "other private hosted zones hold records of services")


def _weekly(found: wiring.Settings, own: Account, accounts: Accounts, now: float) -> None:
    """Tell the week, remember what was told, and forget who sends nothing and has nothing here."""
    kept, before = inventory(own, found.network_name), told(own, found.network_name)
    gone = [it.entry for it in kept if watch.forgotten(it.entry, found.members, now, holds=holds(it))]
    write(own, found.topic, digest(found.network_name, kept, before, now, found.language, gone))
    then = {it.account: it.names or frozenset() for it in before}
    for item in kept:
        account = item.entry.account
        accounts.digested(account, joined(item.memory, then.get(account, frozenset())), now)
    for entry in gone:
        accounts.forget(entry, now)
