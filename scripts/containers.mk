# containers.mk: the Dockerfile, tried out.

# The Dockerfile's image on a Debian root of its own, without an engine or a hub: slow, and it needs root and the network.
.PHONY: check-image
check-image:
	@OUT=$(OUT) scripts/check-image.sh
