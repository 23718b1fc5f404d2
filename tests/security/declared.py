"""Who is let in by every route: declared by hand, from what each role is for, never recorded from the code.

A row is „endpoint METHOD“. Its people are those who are let in (a page, a redirect, a form's own complaint, a lifecycle's
„not in this state“), for all states of the subject or state by state. Everybody else is refused; `KNOWS` says who may
know of the subject at all: whoever may not gets, to the letter, the answer that a number without a row gets.
"""

from __future__ import annotations

NOBODY = ""
OWNER = "seeker engineer"  # people of the enterprise that asks: its administrator and a member
MAKER = "tto professor"  # people of the institute that offers: its authorised person and a member
OTHERS = "stranger rival"  # an enterprise and an institute that have nothing to do with either
SIDES = f"{OWNER} {MAKER} {OTHERS}"
HEADS = "seeker tto stranger rival"  # who may bind an organisation
DESK = "clerk reviewer"
READERS = f"{DESK} leader auditor"  # the staff who read all business and decide, direct or check it
FIELDWORK = "broker liaison"
SIGNED = f"{SIDES} bureau {FIELDWORK} {READERS} sysadmin"
ALL = f"nobody {SIGNED}"

# Who may know that a subject exists. What is public is known to all; what is not, to its own people and to the staff who read
# everything. The bureau of the cast is another city's (南京), so it knows of nothing here but what is public.
KNOWS: dict[str, dict[str, str]] = {
    "challenge": {"draft submitted": f"{OWNER} {READERS}", "published call choosing publicity contracted withdrawn": ALL},
    "item": {"submitted": f"{OWNER} {READERS}", "published": ALL},
    "capability": {"draft submitted withdrawn": f"{MAKER} {READERS}", "published": ALL},
    # A sealed bid is its bidder's; opened, it is also the enterprise's and the readers'.
    "bid": {"sent": MAKER, "joint": OTHERS, "opened": f"{MAKER} {OWNER} {READERS}"},
    "contact": {
        "asked accepted": f"{OWNER} {MAKER} {READERS}",
        "unanswered": f"{OWNER} rival bureau {READERS}",
    },  # the rival is of its city
    "contract": {"draft signed registered": f"{OWNER} {MAKER} {READERS}", "recorded": f"{OWNER} {READERS}"},
    "case": {"likely": f"{OWNER} {MAKER} {READERS}"},
    "lead": {"new assigned": f"liaison {READERS}"},
    "campaign": {"open": READERS},
    "candidate": {"new": READERS, "assigned": f"liaison {READERS}"},  # a liaison knows of the own candidates alone
    "match": {"published": ALL},
    "organisation": {"enterprise": f"{OWNER} {READERS}", "institute bureau": ALL, "pending unclaimed": READERS},
    "user": {"member": "seeker engineer sysadmin", "staff": "sysadmin"},
    "token": {"open": "seeker"},
    "outbox": {"waiting": f"{DESK} auditor sysadmin"},
    "stand_in": {"planned": "sysadmin"},
    "batch": {"lists": DESK, "own": f"tto {DESK}"},
    "job": {"waiting": f"{DESK} leader"},
}

People = str | dict[str, str]
ROUTES: dict[str, People] = {
    # ── accounts: coming in. Public pages; a link that is spent or unknown opens nothing for anybody.
    "accounts.sign_in GET POST": ALL,
    "accounts.sign_out POST": ALL,
    "accounts.register GET POST": ALL,
    "accounts.forgot_password GET POST": ALL,
    "accounts.mail_sent GET": ALL,
    "accounts.accept_invitation GET POST": ALL,
    "accounts.claim GET POST": ALL,
    "accounts.confirm_email GET POST": ALL,
    "accounts.confirm_new_email GET POST": ALL,
    "accounts.reset_password GET POST": ALL,
    # ── accounts: one's own account, everybody who has one.
    "accounts.profile GET POST": SIGNED,
    "accounts.change_password GET POST": SIGNED,
    "accounts.change_email GET POST": SIGNED,
    "accounts.consent GET POST": SIGNED,
    "accounts.sessions GET": SIGNED,
    "accounts.end_sessions POST": SIGNED,
    "accounts.totp GET POST": SIGNED,
    "accounts.begin_totp POST": SIGNED,
    "accounts.recovery_codes GET POST": SIGNED,
    "accounts.notices GET": SIGNED,
    "accounts.read_notices POST": SIGNED,
    # ── accounts: an organisation's administrator manages its own members, and nobody else's.
    "accounts.members GET POST": "seeker stranger",
    "accounts.set_member_roles POST": {"member": "seeker", "staff": NOBODY},
    "accounts.disable_member POST": {"member": "seeker", "staff": NOBODY},
    "accounts.enable_member POST": {"member": "seeker", "staff": NOBODY},
    "accounts.withdraw_invitation POST": "seeker",
    # ── accounts: an organisation's file is its own and the staff's; an institute shows itself. The commission verifies (四眼).
    "accounts.organisation GET": {"enterprise": f"{OWNER} {READERS}", "institute bureau": ALL, "pending unclaimed": READERS},
    "accounts.edit_organisation GET POST": {"enterprise": "seeker", "institute": "tto", "pending unclaimed bureau": NOBODY},
    "accounts.organisation_step POST": DESK,
    "accounts.send_claim_link POST": DESK,
    "accounts.take_back_claim POST": DESK,
    "accounts.verify_organisations GET": DESK,
    "accounts.bureaus GET": DESK,
    "accounts.create_bureau GET POST": DESK,
    "accounts.edit_bureau GET POST": {"bureau": DESK, "enterprise institute pending unclaimed": NOBODY},
    "accounts.invite_to_bureau POST": {"bureau": DESK, "enterprise institute pending unclaimed": NOBODY},
    # ── accounts: the office. Configuration and staff are the system administrator's, who decides no business; the log is the
    # auditor's. People are told by who works with them (the desk) or manages accounts; the auditor only reads.
    "accounts.staff GET POST": "sysadmin",
    "accounts.add_stand_in POST": "sysadmin",
    "accounts.end_stand_in POST": "sysadmin",
    "accounts.set_staff_roles POST": {"member": NOBODY, "staff": "sysadmin"},
    "accounts.disable_staff POST": {"member": NOBODY, "staff": "sysadmin"},
    "accounts.enable_staff POST": {"member": NOBODY, "staff": "sysadmin"},
    "accounts.invite_staff_again POST": {"member": NOBODY, "staff": "sysadmin"},
    "accounts.reset_second_factor POST": {"member": NOBODY, "staff": "sysadmin"},
    "accounts.settings GET POST": "sysadmin",
    "accounts.holidays GET POST": "sysadmin",
    "accounts.rules GET": f"liaison {READERS} sysadmin",
    "accounts.rules POST": "reviewer sysadmin",
    "accounts.outbox GET": f"{DESK} auditor sysadmin",
    "accounts.take_message POST": f"{DESK} sysadmin",
    "accounts.mark_told POST": f"{DESK} sysadmin",
    "accounts.send_again POST": f"{DESK} sysadmin",
    "accounts.log GET": "auditor",
    # ── bids. An answer is its bidder's alone until it is opened; its enterprise then reads, compares and (its head) chooses.
    "bids.index GET": SIDES,
    "bids.detail GET": {"sent": MAKER, "joint": OTHERS, "opened": f"{MAKER} {OWNER} {READERS}"},
    "bids.create GET POST": {"draft submitted published contracted withdrawn": NOBODY, "call choosing publicity": f"{MAKER} {OTHERS}"},
    "bids.autosave POST": {"draft submitted published contracted withdrawn": NOBODY, "call choosing publicity": f"{MAKER} {OTHERS}"},
    "bids.edit GET POST": {"sent opened": MAKER, "joint": "stranger"},
    "bids.autosave_draft POST": {"sent opened": MAKER, "joint": "stranger"},
    "bids.take_step POST": {"sent opened": "tto", "joint": "stranger"},  # 撤回 is the authorised person's, as sending is
    "bids.confirm_member POST": {"sent opened": NOBODY, "joint": "rival"},
    "bids.compare GET": {
        "draft submitted published contracted withdrawn": NOBODY,
        "call": OWNER,  # sealed: not even that there are bids is the staff's business
        "choosing publicity": f"{OWNER} {READERS}",
    },
    "bids.choose POST": {"sent joint": NOBODY, "opened": "seeker"},
    "bids.reserve POST": {"sent joint": NOBODY, "opened": "seeker"},
    "bids.invite POST": {"sent joint": NOBODY, "opened": "seeker"},
    "bids.open_all POST": "seeker",
    "bids.no_award POST": "seeker",
    "bids.confirm_choice POST": "seeker",
    "bids.reopen POST": f"seeker {DESK} leader",
    "bids.publicity GET": ALL,
    "bids.handle_objections GET": {"draft submitted published contracted withdrawn": NOBODY, "call choosing publicity": READERS},
    "bids.handle_objections POST": {"draft submitted published contracted withdrawn": NOBODY, "call choosing publicity": DESK},
    "bids.answer_objection GET": {"draft submitted published call choosing contracted withdrawn": NOBODY, "publicity": READERS},
    "bids.answer_objection POST": {"draft submitted published call choosing contracted withdrawn": NOBODY, "publicity": DESK},
    # ── capabilities. Members draft, the authorised person speaks for the institute; everybody reads what is published.
    "capabilities.index GET": ALL,
    "capabilities.detail GET": {"draft submitted withdrawn": f"{MAKER} {READERS}", "published": ALL},
    "capabilities.one_page GET": {"draft submitted withdrawn": f"{MAKER} {READERS}", "published": ALL},
    "capabilities.create GET POST": SIDES,
    "capabilities.mine GET": SIDES,
    "capabilities.edit GET POST": MAKER,
    "capabilities.autosave POST": MAKER,
    "capabilities.take_step GET": {"draft submitted withdrawn": MAKER, "published": SIDES},  # leads back to the page
    "capabilities.take_step POST": "tto",
    "capabilities.confirm POST": MAKER,
    "capabilities.renew GET POST": ALL,
    "capabilities.renew_many GET POST": HEADS,
    # ── challenges. The clerk looks after the published one (服务专员), which is what „assigned“ means.
    "challenges.index GET": ALL,
    "challenges.detail GET": {"draft submitted": f"{OWNER} {READERS}", "published call choosing publicity contracted withdrawn": ALL},
    "challenges.one_page GET": {"draft submitted": f"{OWNER} {READERS}", "published call choosing publicity contracted withdrawn": ALL},
    "challenges.create GET POST": SIDES,
    "challenges.autosave POST": SIDES,
    "challenges.similar POST": SIGNED,
    "challenges.mine GET": f"{SIDES} bureau {FIELDWORK} {DESK}",
    "challenges.preview GET": f"{OWNER} {READERS}",
}
ASSIGNED: People = {"draft submitted call choosing publicity contracted withdrawn": OWNER, "published": f"{OWNER} clerk"}
EDITORS = f"{SIDES} bureau {FIELDWORK} {DESK}"
ROUTES |= {
    "challenges.edit GET POST": ASSIGNED,
    "challenges.autosave_draft POST": ASSIGNED,
    "challenges.files GET POST": ASSIGNED,
    "challenges.admit POST": ASSIGNED,
    "challenges.admit GET": {  # leads back to the page of files, which asks again
        "draft submitted": f"{OWNER} {DESK}",
        "published call choosing publicity contracted withdrawn": EDITORS,
    },
    "challenges.take_step GET": {  # leads back to the page
        "draft submitted": f"{OWNER} {DESK}",
        "published call choosing publicity contracted withdrawn": EDITORS,
    },
    "challenges.take_step POST": "seeker",  # 撤回需求 is the head's
    # What was published is lengthened or explained by the head, or by the 服务专员 to whom it is assigned.
    "challenges.extend GET POST": {"draft submitted call choosing publicity contracted withdrawn": "seeker", "published": "seeker clerk"},
    "challenges.explain GET POST": {"draft submitted call choosing publicity contracted withdrawn": "seeker", "published": "seeker clerk"},
    # A file is its owner's, the desk's, and whom the owner admitted (nobody, here); leader and auditor read words, not files.
    "challenges.download GET": {"draft published": f"{OWNER} {DESK}", "submitted call choosing publicity contracted withdrawn": NOBODY},
    "challenges.remove POST": {
        "draft": OWNER,
        "published": f"{OWNER} clerk",
        "submitted call choosing publicity contracted withdrawn": NOBODY,
    },
    "challenges.dismiss POST": {
        "draft": OWNER,
        "published": f"{OWNER} clerk",
        "submitted call choosing publicity contracted withdrawn": NOBODY,
    },
    # ── contacts. Two sides and who reads everything; the asked side's head answers; whoever brought them together would see it too.
    "contacts.index GET": f"{SIDES} bureau {FIELDWORK} {READERS}",
    "contacts.create GET POST": SIDES,
    "contacts.introduce GET POST": f"{FIELDWORK} {DESK}",
    "contacts.detail GET": {"asked accepted": f"{OWNER} {MAKER} {READERS}", "unanswered": f"{OWNER} rival bureau {READERS}"},
    "contacts.download GET": {"accepted": f"{OWNER} {MAKER} {READERS}", "asked unanswered": NOBODY},  # the photo is of the accepted one
    "contacts.answer POST": {"asked accepted": "tto", "unanswered": "rival"},
    "contacts.note POST": {"asked accepted": f"{OWNER} {MAKER} {DESK}", "unanswered": f"{OWNER} rival {DESK}"},
    "contacts.expect POST": {"asked accepted": f"{OWNER} {MAKER} {DESK}", "unanswered": f"{OWNER} rival {DESK}"},
    "contacts.take_step POST": {"asked accepted": f"{OWNER} {MAKER} {DESK}", "unanswered": f"{OWNER} rival {DESK}"},
    # ── contracts. Parties and staff read; heads and desk write; the seller's head registers (the form is the seller's to file),
    # or whoever of the desk recorded a contract whose seller has no account.
    "contracts.index GET": f"{SIDES} bureau {READERS}",
    "contracts.detail GET": {"draft signed registered": f"{OWNER} {MAKER} {READERS}", "recorded": f"{OWNER} {READERS}"},
    "contracts.create GET POST": f"{HEADS} {DESK}",
    "contracts.edit GET POST": {"draft signed registered": f"seeker tto {DESK}", "recorded": f"seeker {DESK}"},
    "contracts.shares GET POST": {"draft signed registered": f"seeker tto {DESK}", "recorded": f"seeker {DESK}"},
    "contracts.take_step POST": {"draft signed registered": f"seeker tto {DESK}", "recorded": f"seeker {DESK}"},  # 签订
    "contracts.add_payment POST": {"draft signed registered": f"seeker tto {DESK}", "recorded": f"seeker {DESK}"},
    "contracts.remove_payment POST": {"signed": f"seeker tto {DESK}", "draft registered recorded": NOBODY},
    "contracts.adjust POST": {"draft signed registered": "tto", "recorded": "clerk"},
    # The signed text is for the two sides, the desk and the auditor; only the signed one has a file here. Who may change the
    # contract may keep one with it; after the registration none is taken away.
    "contracts.add_file POST": {"draft signed registered": f"seeker tto {DESK}", "recorded": f"seeker {DESK}"},
    "contracts.download GET": {"signed": f"{OWNER} {MAKER} {DESK} auditor", "draft registered recorded": NOBODY},
    "contracts.remove_file POST": {"signed": f"seeker tto {DESK}", "draft registered recorded": NOBODY},
    # ── attribution. Figures as the cockpit's; the paper of one contract is for its sides, its readers, and those through whom it
    # came (nobody, here). A contract of which nothing was recorded before its signing has none: it says so.
    "attribution.index GET": f"bureau {READERS}",
    "attribution.rows GET": f"bureau {READERS}",
    "attribution.proof GET": {"draft signed registered": f"{OWNER} {MAKER} {READERS}", "recorded": f"{OWNER} {READERS}"},
    # ── open data: public by its nature, of public things alone.
    "open_data.index GET": ALL,
    "open_data.totals GET": ALL,
    "open_data.contracting GET": ALL,
    # ── registration. The seller's own people prepare it (or the clerk for whom recorded a contract without a seller's account); its
    # head says what the registry said. Who reads the contract reads the pre-check; a likely duplicate is decided by the desk, or by
    # the head of the organisation that sells both.
    "registration.board GET": f"{SIDES} bureau {READERS}",
    "registration.file_many POST": f"{HEADS} {DESK}",
    "registration.forms_xlsx GET": f"{SIDES} {DESK}",
    "registration.forms_zip GET": f"{SIDES} {DESK}",
    "registration.check GET": {"draft signed registered": f"{OWNER} {MAKER} {READERS}", "recorded": f"{OWNER} {READERS}"},
    "registration.check POST": {"draft signed registered": MAKER, "recorded": "clerk"},
    "registration.copy GET POST": {"draft signed registered": MAKER, "recorded": "clerk"},
    "registration.form_xlsx GET": {"draft signed registered": MAKER, "recorded": "clerk"},
    "registration.form_docx GET": {"draft signed registered": MAKER, "recorded": "clerk"},
    "registration.duplicates GET": f"{SIDES} bureau {READERS}",
    "registration.decide POST": {"likely": f"tto {DESK}"},
    # ── home, and what is public of the figures.
    "home.index GET": ALL,
    "home.search GET": ALL,
    "home.about GET": ALL,
    "home.terms GET": ALL,
    "home.privacy GET": ALL,
    "home.permissions GET": ALL,
    "home.gallery GET": ALL,  # only where the development setting is on, as here
    "home.healthz GET": ALL,
    "home.readyz GET": ALL,
    "home.todo GET": SIGNED,
    # ── imports. Lists are the desk's; whoever may submit an organisation's capabilities may bring them as a list, as drafts: the
    # authorised person, and the administrator too, who is an institute's only head until a colleague has joined.
    "imports.index GET": f"{HEADS} {DESK}",
    "imports.create GET POST": f"{HEADS} {DESK}",
    "imports.template GET": DESK,  # of challenges; that of capabilities is for all who import
    "imports.claim_links POST": DESK,
    "imports.detail GET": {"lists": DESK, "own": f"tto {DESK}"},
    "imports.refused GET": {"lists": DESK, "own": f"tto {DESK}"},
    "imports.remember POST": {"lists": DESK, "own": f"tto {DESK}"},
    "imports.confirm POST": {"lists": DESK, "own": f"tto {DESK}"},
    "imports.undo POST": {"lists": DESK, "own": f"tto {DESK}"},
    "imports.rows GET": DESK,
    "imports.decide POST": DESK,
    "imports.accept_all POST": DESK,
    # ── campaigns (应登未登). The desk runs them; a liaison works what is assigned; leader and auditor look on.
    "campaigns.index GET": f"liaison {READERS}",
    "campaigns.create GET POST": DESK,
    "campaigns.detail GET": READERS,
    "campaigns.assign POST": DESK,
    "campaigns.gather POST": DESK,
    "campaigns.close POST": DESK,
    "campaigns.take_list GET POST": DESK,
    "campaigns.recovered GET": READERS,
    "campaigns.mine GET": f"liaison {DESK}",
    "campaigns.candidate GET": {"new": READERS, "assigned": f"liaison {READERS}"},
    "campaigns.note POST": {"new": DESK, "assigned": f"liaison {DESK}"},
    "campaigns.settle POST": {"new": DESK, "assigned": f"liaison {DESK}"},
    "campaigns.cutoff_calendar GET": READERS,
    "campaigns.remind POST": DESK,
    # ── leads. Anybody asks; the desk assigns; who is assigned works it; liaisons see all of them, so that none is visited twice.
    "leads.ask GET POST": ALL,
    "leads.try_match GET POST": ALL,
    "leads.confirmed GET": ALL,
    "leads.confirm GET POST": ALL,
    "leads.answered GET": f"liaison {READERS}",  # and the browser that asked, which none of these is
    "leads.index GET": f"{SIDES} bureau {FIELDWORK} {READERS}",
    "leads.visit GET POST": f"bureau {FIELDWORK} {DESK}",
    "leads.detail GET": f"liaison {READERS}",
    "leads.download GET": {"new": NOBODY, "assigned": f"liaison {READERS}"},
    "leads.assign POST": DESK,
    "leads.draft GET POST": {"new": DESK, "assigned": f"liaison {DESK}"},
    "leads.send_link POST": {"new": DESK, "assigned": f"liaison {DESK}"},
    "leads.close POST": {"new": DESK, "assigned": f"liaison {DESK}"},
    # ── matches. A word on a pair is for those whose listing it is about, and for those who bring sides together.
    "matches.how GET": ALL,
    "matches.recommendations GET": SIDES,
    "matches.pair GET": ALL,
    "matches.records GET": READERS,
    "matches.feedback POST": f"{OWNER} {MAKER} {FIELDWORK} {DESK}",
    # ── moderation. Leader and auditor look on; the desk decides, never on its own organisation's.
    "moderation.queue GET": READERS,
    "moderation.item GET": READERS,
    "moderation.decide GET": READERS,  # leads back to the item
    "moderation.decide POST": DESK,
    # ── statistics. A bureau reads its own city's; what leaves the house is the desk's and the leader's.
    "statistics.cockpit GET": f"bureau {READERS}",
    "statistics.crosstab GET": f"bureau {READERS}",
    "statistics.maps GET": f"bureau {READERS}",
    "statistics.forecast GET": READERS,  # of the whole district: no bureau's
    "statistics.name_readers POST": "leader",
    "statistics.rows GET": f"bureau {READERS}",
    "statistics.export GET": f"{DESK} leader",
    "statistics.start_export POST": f"{DESK} leader",
    "statistics.export_job GET": f"{DESK} leader",  # whoever may export may export the same, so a colleague's file is no secret
    "statistics.export_file GET": f"{DESK} leader",
    "statistics.report GET": f"{DESK} leader",
    "statistics.announcement GET": f"{DESK} leader",
    "statistics.goal GET POST": "leader",
    "statistics.release GET POST": "leader",
    "statistics.public GET": ALL,
}


def people(row: People, state: str) -> set[str]:
    """Return who is named for `state`; a row that names states must name this one (KeyError)."""
    if isinstance(row, str):
        return set(row.split())
    return set({one: names for states, names in row.items() for one in states.split()}[state].split())


def pages_of(part: str) -> list[str]:
    """Return the endpoints whose GET lets a person in whatever the state of its subject."""
    return [row.split()[0] for row, people in rows().items() if row.endswith(" GET") and isinstance(people, str) and part in people.split()]


def rows() -> dict[str, People]:
    """Return the table with one method a row."""
    found: dict[str, People] = {}
    for key, row in ROUTES.items():
        endpoint, *methods = key.split()
        found |= {f"{endpoint} {method}": row for method in methods}
    return found
