"""A matrix as a spreadsheet, out and back in."""

from pupitre.rules.mandate.sheets_matrix.columns import COLUMNS
from pupitre.rules.mandate.sheets_matrix.reading import (
    MAX_MATRIX_ROWS,
    MAX_PROBLEMS,
    ImportProblem,
    MatrixImport,
    read_letters,
    read_matrix,
)
from pupitre.rules.mandate.sheets_matrix.writing import matrix_csv, matrix_xlsx

__all__ = [
    "COLUMNS",
    "MAX_MATRIX_ROWS",
    "MAX_PROBLEMS",
    "ImportProblem",
    "MatrixImport",
    "matrix_csv",
    "matrix_xlsx",
    "read_letters",
    "read_matrix",
]
