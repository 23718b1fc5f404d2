"""What nobody may do, learn or break: walks over every route with one small market in every state."""
