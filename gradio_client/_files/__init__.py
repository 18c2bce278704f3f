"""Files on their way in and out: uploads, downloads, streamed media, and where they are put."""
