"""The shared ground: metric words, frozen rows, SQL, migrations, pool, settings, audit."""
