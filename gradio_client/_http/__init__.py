"""One HTTP exchange as the client means it: options, headers, cookies, logins, redirects, retries."""
