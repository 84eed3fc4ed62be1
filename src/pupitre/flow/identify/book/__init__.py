"""Who is who, as it stands in tables: written from what events and hands say, decided again
wherever that changes, and read by everybody."""
