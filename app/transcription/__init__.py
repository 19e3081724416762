"""`boli transcribe`: recordings in, drafts out, in files; what is done once is never done again."""
