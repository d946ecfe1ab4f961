"""The commands of `phr`: one small module each."""
