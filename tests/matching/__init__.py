"""The engine: values in, values out; no application, no database."""
