"""A digital officer leads: one person accountable between the two departments."""

from types import MappingProxyType

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Domain
from pupitre.rules.mandate.starting_points.pattern import StartingPoint, row
from pupitre.rules.mandate.starting_points.people import PEOPLE_ROWS

DIGITAL_LED = StartingPoint(
    key="digital-led",
    name=Bilingual("Un responsable digital mène", "A digital officer leads"),
    suits=Bilingual(
        "Un responsable digital, placé entre les deux directions, répond de ce qu’elles font "
        "ensemble ; marketing et informatique agissent. Convient à une transformation qui a une "
        "échéance, quand personne n’a le temps de la mener en plus du reste.",
        "A digital officer, placed between the two departments, answers for what they do "
        "together; marketing and IT act. It suits a transformation with a deadline, when nobody "
        "has time to lead it on top of everything else.",
    ),
    risk=Bilingual(
        "Une troisième chapelle, ou un arbitre sans équipe. Le siège ne devrait dépendre ni du "
        "marketing ni de l’informatique, et sa mission devrait avoir une fin.",
        "A third silo, or a referee without a team. The seat should report to neither marketing "
        "nor IT, and its mission should have an end.",
    ),
    rows=MappingProxyType(
        {
            **PEOPLE_ROWS,
            "matrix.amend": row("digital", r="marketing it", i="committee relations hr"),
            "organisation.change": row("hr", r="hr digital marketing it", i="committee"),
            "seat.appoint": row("hr", r="hr digital marketing it", i="committee dpo"),
            "member.admit": row("it", r="operations hr marketing", i="digital dpo"),
            "activity.define": row("digital", r="digital marketing it", i="committee relations"),
            "audit.export": row("dpo", r="dpo digital", i="it marketing legal"),
            "source.open": row("it", r="marketing digital", c="dpo", i="relations commerce"),
            "source.change": row("it", r="operations", i="digital marketing dpo"),
            "source.key": row("operations", r="operations", i="it digital dpo"),
            "plan.agree": row("marketing", r="digital it steward", c="dpo", i="commerce"),
            "quarantine.replay": row("steward", r="steward operations", i="digital it"),
            "import.run": row("steward", r="steward operations", i="digital it dpo"),
            "train-teams": row("digital", r="digital hr", c="marketing it", i="committee"),
            "run-survey": row("hr", r="hr digital", c="marketing it", i="committee communication"),
            "recruit-digital-skills": row("digital", r="hr digital", c="marketing it", i="finance"),
            "plan-joint-agenda": row(
                "digital",
                r="digital marketing it",
                c="commerce relations",
                i="committee finance",
            ),
            "settle-priorities": row(
                "committee", r="digital marketing it", c="finance", i="relations commerce"
            ),
            "govern-two-speeds": row(
                "digital", r="marketing it", c="operations", i="committee finance"
            ),
            "report-to-committee": row(
                "digital", r="digital", c="marketing it finance", i="committee"
            ),
            "choose-marketing-tools": row(
                "digital", r="marketing it", c="campaigns dpo", i="finance committee"
            ),
            "connect-channel": row(
                "it", r="operations digital", c="marketing dpo", i="relations commerce"
            ),
            "open-api": row("digital", r="it", c="dpo legal", i="marketing commerce"),
            "guarantee-availability": row(
                "it", r="operations", i="marketing digital commerce relations"
            ),
            "secure-systems": row("it", r="operations", c="dpo", i="marketing digital legal"),
            "set-customer-view": row(
                "digital", r="marketing it steward", c="dpo relations", i="commerce"
            ),
            "define-indicator": row(
                "digital", r="marketing steward", c="it finance", i="committee relations"
            ),
            "assure-data-quality": row(
                "it", r="steward operations", c="digital marketing", i="relations"
            ),
            "protect-data": row(
                "dpo", r="it steward", c="legal digital", i="marketing relations committee"
            ),
            "answer-data-rights": row("dpo", r="relations operations", c="legal", i="marketing it"),
            "write-charter": row(
                "committee",
                r="digital marketing it",
                c="dpo legal relations",
                i="communication commerce",
            ),
            "design-journeys": row(
                "digital", r="digital marketing commerce", c="it relations", i="communication"
            ),
            "plan-campaigns": row(
                "marketing", r="campaigns", c="digital dpo", i="relations it communication"
            ),
            "answer-crisis": row(
                "communication",
                r="communication relations",
                c="marketing it digital legal",
                i="committee",
            ),
            "handle-complaints": row(
                "relations", r="relations commerce", c="digital", i="marketing communication"
            ),
        }
    ),
    by_domain=MappingProxyType(
        {
            Domain.PEOPLE: row("hr", r="hr digital marketing it", i="committee"),
            Domain.PROCESS: row("digital", r="digital marketing it", i="committee"),
            Domain.TECHNOLOGY: row("it", r="it digital", c="marketing", i="operations"),
            Domain.DATA: row("digital", r="digital steward it", c="dpo marketing", i="relations"),
            Domain.CUSTOMER: row("marketing", r="marketing digital", c="it", i="relations"),
        }
    ),
)
