"""Signing in at the city's providers: OpenID Connect Core 1.0, authorization code with PKCE, state and nonce."""
