"""Questions that read the market: one function a question; loaded models, a page, or frozen rows. Never writes."""
