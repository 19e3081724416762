"""Speech in, checked drafts and trustworthy scores out: values in, values out."""
