"""What Orderhub costs in time, requests and money, each figure beside its floor. `make bench` runs them all."""
