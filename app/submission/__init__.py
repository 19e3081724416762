"""`boli submit`: a folder of recordings to the service, from any machine."""
