// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * inet.c - sockets of a network namespace of its own, in which nothing but `lo` is: one that
 * listens, both ends of connections with bytes that were not read, datagrams, netlink, packets.
 */
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "ready.h"

static int need(int result)
{
	if (result < 0) {
		perror("inet");
		exit(1);
	}
	return result;
}

static void make_namespace(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	need(unshare(CLONE_NEWNET));
	fd = need(socket(AF_INET, SOCK_DGRAM, 0));
	need(ioctl(fd, SIOCSIFFLAGS, &lo));
	close(fd);
}

static socklen_t loopback(int family, int port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (void *)out;
	struct sockaddr_in6 *v6 = (void *)out;

	memset(out, 0, sizeof(*out));
	out->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		v4->sin_port = htons((uint16_t)port);
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*v4);
	}
	v6->sin6_port = htons((uint16_t)port);
	v6->sin6_addr = in6addr_loopback;
	return sizeof(*v6);
}

static int bound(int family, int type, int port)
{
	int fd = need(socket(family, type, 0)), on = 1;
	struct sockaddr_storage address;
	socklen_t len = loopback(family, port, &address);

	need(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	need(bind(fd, (struct sockaddr *)&address, len));
	return fd;
}

static int connected(int family, int type, int port)
{
	int fd = need(socket(family, type, 0));
	struct sockaddr_storage address;
	socklen_t len = loopback(family, port, &address);

	need(connect(fd, (struct sockaddr *)&address, len));
	return fd;
}

static void make_connection(int family, int port, const char *sent)
{
	int listening = bound(family, SOCK_STREAM, port), near, far;

	need(listen(listening, 9));
	near = connected(family, SOCK_STREAM, port);
	far = need(accept(listening, NULL, NULL));
	need((int)send(near, sent, strlen(sent), 0));
	need((int)send(far, "back", 4, 0));
}

static void make_others(void)
{
	struct sockaddr_nl netlink = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct sockaddr_ll packets = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP) };
	int fd;

	bound(AF_INET, SOCK_DGRAM, 4001);
	connected(AF_INET6, SOCK_DGRAM, 4002);
	need(socket(AF_INET, SOCK_STREAM, 0));
	fd = need(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	need(bind(fd, (struct sockaddr *)&netlink, sizeof(netlink)));
	fd = need(socket(AF_PACKET, SOCK_RAW, 0));
	need(bind(fd, (struct sockaddr *)&packets, sizeof(packets)));
}

int main(void)
{
	make_namespace();
	make_connection(AF_INET, 4003, "over four");
	make_connection(AF_INET6, 4004, "over six");
	make_others();
	ready();
	stay();
}
