"""The rules of the market: states, steps, permissions, money, calendars. Values in, values out; no web, no database."""
