"""What is done with uploads and jobs: `uploads` come, `jobs` are watched, `processing` reads, `settling` ends them."""
