namespace results {}
