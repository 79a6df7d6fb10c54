"""Invoices as mails and PDF-to-text really show them: one file per idea, put together by extract_invoice.py."""
