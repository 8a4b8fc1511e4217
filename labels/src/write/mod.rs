//! Label data in, printable files out.
