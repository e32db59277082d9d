"""Domain verifications: a TXT record says that a domain is the account's (facts-2 R7)."""

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice import outside
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import DomainVerification, Wire
from localcloud.services.lattice.refusals import taken

IDENTIFIER = "domainVerificationIdentifier"


def start(estate: Estate, params: Wire, caller: Caller) -> Wire:
    domain = params["domainName"].rstrip(".").lower()
    for there in estate.verifications.where("domain", caller.account, caller.region, domain):
        if status_of(estate, there) == "VERIFICATION_TIMED_OUT":
            # It is started again, as one does who was late with the record.
            there.created = estate.now
            return _told(estate, there)
        raise taken(f"Domain verification of {domain}", there.id, DomainVerification.resource_type)
    count = len(estate.verifications.where("home", caller.account, caller.region))
    estate.demand_room("domain_verifications", count, DomainVerification.resource_type)
    birth = estate.birth("dv", caller, params.get("tags"))
    verification = DomainVerification(
        **birth, domain=domain, label=f"_{birth['id'][3:11]}", text=f"vpc-lattice:{birth['id'][3:]}"
    )
    estate.add(verification, estate.verifications)
    return _told(estate, verification)


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    found = estate.owned(estate.verifications, params[IDENTIFIER], caller, "GetDomainVerification")
    return _whole(estate, found)


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    found = estate.verifications.where("home", caller.account, caller.region)
    return page(found, params, estate.page_size, lambda it: _whole(estate, it), caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Its model knows no conflict, so what uses it goes on."""
    found = estate.owned(estate.verifications, params[IDENTIFIER], caller, "DeleteDomainVerification")
    estate.remove(found, estate.verifications)
    return {}


def status_of(estate: Estate, verification: DomainVerification) -> str:
    """Looked up when somebody asks: how often AWS looks is not established, nor after how long it stops."""
    if verification.verified is None:
        late = estate.now - verification.created > estate.timing.domain_verification
        if late:
            return "VERIFICATION_TIMED_OUT"
        if verification.text not in outside.public_texts(f"{verification.label}.{verification.domain}"):
            return "PENDING"
        verification.verified = estate.now
    return "VERIFIED"


def _told(estate: Estate, verification: DomainVerification) -> Wire:
    return {
        "id": verification.id,
        "arn": verification.arn,
        "domainName": verification.domain,
        "status": status_of(estate, verification),
        "txtMethodConfig": {"name": verification.label, "value": verification.text},
    }


def _whole(estate: Estate, verification: DomainVerification) -> Wire:
    told = _told(estate, verification)
    return present(
        **told,
        createdAt=moment(verification.created),
        lastVerifiedTime=moment(verification.verified) if verification.verified is not None else None,
        tags=dict(verification.tags),
    )


OPERATIONS: Operations[Estate] = {
    "StartDomainVerification": start,
    "GetDomainVerification": get,
    "ListDomainVerifications": list_all,
    "DeleteDomainVerification": delete,
}
