"""Rows → XLSX, CSV, DOCX and SVG bytes. Column lists and writers; asks nothing itself."""
