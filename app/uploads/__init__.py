"""Getting audio in: resumable uploads, small files in one request, files that lie in a bucket already."""
