"""Developer tools: notebook runner and comparison, pictures, browser, PDF, benchmark."""
