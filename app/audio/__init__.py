"""`boli probe`: what files hold, before anybody works on them."""
