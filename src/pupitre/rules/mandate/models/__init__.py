from pupitre.rules.mandate.models.decision import Decision, DigestSent, Notice, Voice
from pupitre.rules.mandate.models.ledger import AuditLine, Ledger
from pupitre.rules.mandate.models.matrix import Cell, CompanyActivity, MatrixVersion, Scope
from pupitre.rules.mandate.models.organisation import (
    Delegation,
    Function,
    Member,
    ReportingLine,
    Seat,
    Tenure,
)

__all__ = [
    "AuditLine",
    "Cell",
    "CompanyActivity",
    "Decision",
    "Delegation",
    "DigestSent",
    "Function",
    "Ledger",
    "MatrixVersion",
    "Member",
    "Notice",
    "ReportingLine",
    "Scope",
    "Seat",
    "Tenure",
    "Voice",
]
