//! Reading and writing the files offices have: CSV, XLSX, XLS, ODS, PDF.
