"""Text: any characters but control characters, bounded in length."""
