"""Tables that come in from a spreadsheet and go out to one, safely in both directions."""

from pupitre.core.spreadsheets.reading import Row, Sheet, column_name, place, read_table
from pupitre.core.spreadsheets.writing import (
    CSV_TYPE,
    MAX_EXPORT_ROWS,
    XLSX_TYPE,
    Page,
    check_export_size,
    safe_cell,
    write_csv,
    write_workbook,
    write_xlsx,
)

__all__ = [
    "CSV_TYPE",
    "MAX_EXPORT_ROWS",
    "XLSX_TYPE",
    "Page",
    "Row",
    "Sheet",
    "check_export_size",
    "column_name",
    "place",
    "read_table",
    "safe_cell",
    "write_csv",
    "write_workbook",
    "write_xlsx",
]
