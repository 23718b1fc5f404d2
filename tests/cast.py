"""The cast: two sides of a deal, their colleagues, the staff of the commission, a city's bureau, and a stranger."""

from __future__ import annotations

from dataclasses import dataclass, fields

from market.models import Organisation, User
from tests.factories import OrganisationFactory, UserFactory


@dataclass(frozen=True)
class Cast:
    """People by the part they play. `stranger` should reach nothing of the others'."""

    enterprise: Organisation
    institute: Organisation
    commission: Organisation
    seeker: User  # admin of the enterprise
    engineer: User  # member of the enterprise
    tto: User  # authorised person of the institute
    professor: User  # member of the institute
    stranger: User  # admin of another enterprise
    rival: User  # tto of another institute
    bureau: User  # bureau of 南京
    broker: User
    liaison: User
    clerk: User
    reviewer: User
    leader: User
    auditor: User
    sysadmin: User

    def people(self) -> dict[str, User]:
        """Return every person by part."""
        return {f.name: value for f in fields(self) if isinstance(value := getattr(self, f.name), User)}


def make_cast() -> Cast:
    """Make everybody."""
    enterprise = OrganisationFactory(name="申城电池厂")
    institute = OrganisationFactory(kind="institute", name="江南研究院", region="310107")
    commission = OrganisationFactory(kind="commission", name="普陀区科学技术委员会")
    partner = OrganisationFactory(kind="partner", name="长风转移中心")
    nanjing = OrganisationFactory(kind="bureau", name="南京市科学技术局", region="320100")

    def person(name: str, organisation: Organisation, *roles: str) -> User:
        user: User = UserFactory(name=name, organisation=organisation, roles=list(roles))
        return user

    return Cast(
        enterprise=enterprise,
        institute=institute,
        commission=commission,
        seeker=person("王厂长", enterprise, "org_admin"),
        engineer=person("赵工", enterprise, "org_member"),
        tto=person("李转化", institute, "tto"),
        professor=person("陈教授", institute, "org_member"),
        stranger=person("路人甲", OrganisationFactory(name="别家公司"), "org_admin"),
        rival=person("对手乙", OrganisationFactory(kind="institute", name="别家研究院", region="320100"), "tto"),
        bureau=person("南京科技局", nanjing, "bureau"),
        broker=person("周经理", partner, "broker"),
        liaison=person("孙联络", commission, "liaison"),
        clerk=person("钱经办", commission, "clerk"),
        reviewer=person("吴审核", commission, "reviewer"),
        leader=person("郑主任", commission, "leader"),
        auditor=person("冯审计", commission, "auditor"),
        sysadmin=person("卫管理", commission, "sysadmin"),
    )
