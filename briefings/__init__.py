"""Daily, weekly and monthly documents from the figures of analytics."""
