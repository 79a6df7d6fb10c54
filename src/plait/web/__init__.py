"""Web pages: forms and answers of any task, generated from its declaration, chat, and evaluation reports."""
