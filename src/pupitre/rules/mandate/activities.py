"""The activities that this room enforces, its own affairs, and the software's own names."""

from __future__ import annotations

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Domain, OwnAffair, SystemActor, activity

MATRIX_AMEND = activity(
    "matrix.amend",
    name=Bilingual("Modifier la matrice de responsabilités", "Amend the responsibility matrix"),
    domain=Domain.PROCESS,
    joint=True,
    four_eyes=True,
    opinion_days=5,
)
ORGANISATION_CHANGE = activity(
    "organisation.change",
    name=Bilingual("Modifier l’organisation", "Change the organisation"),
    domain=Domain.PEOPLE,
)
SEAT_APPOINT = activity(
    "seat.appoint",
    name=Bilingual("Nommer à un siège", "Appoint to a seat"),
    domain=Domain.PEOPLE,
)
MEMBER_ADMIT = activity(
    "member.admit",
    name=Bilingual("Inviter ou suspendre un membre", "Invite or suspend a member"),
    domain=Domain.PEOPLE,
)
ACTIVITY_DEFINE = activity(
    "activity.define",
    name=Bilingual("Définir une activité de l’entreprise", "Define a company activity"),
    domain=Domain.PROCESS,
)
AUDIT_EXPORT = activity(
    "audit.export",
    name=Bilingual("Exporter le journal", "Export the audit log"),
    domain=Domain.DATA,
)

SEAT_DELEGATE = OwnAffair("seat.delegate", Bilingual("Déléguer son siège", "Delegate one’s seat"))
OWN_SETTINGS = OwnAffair("own.settings", Bilingual("Régler ses préférences", "Set preferences"))
OWN_NOTICES = OwnAffair("own.notices", Bilingual("Lire ce que l’on m’a dit", "Read one’s notices"))
DIGEST_SEND = OwnAffair("digest.send", Bilingual("Envoyer les résumés", "Send the digests"))
ACCOUNT = OwnAffair("own.account", Bilingual("Gérer son compte", "Look after one’s account"))

# Before any matrix is in force somebody has to lay the first stone; `pupitre demo` does too.
SETUP = SystemActor(
    "system:setup",
    frozenset(
        activity.key
        for activity in (
            MATRIX_AMEND,
            ORGANISATION_CHANGE,
            SEAT_APPOINT,
            MEMBER_ADMIT,
            ACTIVITY_DEFINE,
        )
    ),
)
# The person at the machine's own console, when everybody who may appoint has left.
OPERATOR = SystemActor("system:operator", frozenset({SEAT_APPOINT.key, MEMBER_ADMIT.key}))
# What happens at the door: signing in and out, factors and passwords. Recorded, never decided.
DOOR = SystemActor("system:door", frozenset())
WORKER = SystemActor("system:worker", frozenset({DIGEST_SEND.key}))
