// SPDX-License-Identifier: LGPL-2.1-or-later
/* sk_names.c - what numbers of sockets are called, by Linux's numbering. */
#include "explore/explore.h"

struct name {
	uint32_t number;
	const char *name;
};

#define FIND(rows, number) find(rows, sizeof(rows) / sizeof((rows)[0]), number)

static const char *find(const struct name *rows, size_t nr, uint32_t number)
{
	for (size_t i = 0; i < nr; i++)
		if (rows[i].number == number)
			return rows[i].name;
	return NULL;
}

const char *explore_family(uint32_t family)
{
	static const struct name rows[] = {
		{ 1, "UNIX" },	   { 2, "IPV4" },   { 7, "BRIDGE" }, { 10, "IPV6" },
		{ 15, "KEY" },	   { 16, "NETLINK" }, { 17, "PACKET" },
	};

	return FIND(rows, family);
}

const char *explore_type(uint32_t type)
{
	static const struct name rows[] = {
		{ 1, "STREAM" },    { 2, "DGRAM" }, { 3, "RAW" }, { 4, "RDM" },
		{ 5, "SEQPACKET" }, { 6, "DCCP" },  { 10, "PACKET" },
	};

	return FIND(rows, type);
}

const char *explore_protocol(uint32_t protocol)
{
	static const struct name rows[] = {
		{ 0, "IP" },	 { 1, "ICMP" },	  { 2, "IGMP" },  { 6, "TCP" },
		{ 17, "UDP" },	 { 58, "ICMPV6" }, { 132, "SCTP" }, { 136, "UDPLITE" },
		{ 255, "RAW" },	 { 262, "MPTCP" },
	};

	return FIND(rows, protocol);
}

const char *explore_netlink(uint32_t protocol)
{
	static const struct name rows[] = {
		{ 0, "ROUTE" },	    { 2, "USERSOCK" },	{ 4, "SOCK_DIAG" },
		{ 5, "NFLOG" },	    { 6, "XFRM" },	{ 7, "SELINUX" },
		{ 8, "ISCSI" },	    { 9, "AUDIT" },	{ 10, "FIB_LOOKUP" },
		{ 11, "CONNECTOR" }, { 12, "NETFILTER" }, { 14, "DNRTMSG" },
		{ 15, "KOBJECT_UEVENT" }, { 16, "GENERIC" }, { 18, "SCSITRANSPORT" },
		{ 19, "ECRYPTFS" }, { 20, "RDMA" },	{ 21, "CRYPTO" }, { 22, "SMC" },
	};

	return FIND(rows, protocol);
}

const char *explore_ethernet(uint32_t protocol)
{
	static const struct name rows[] = {
		{ 0x0003, "ALL" },   { 0x0004, "802_2" },  { 0x0800, "IP" },   { 0x0806, "ARP" },
		{ 0x8100, "8021Q" }, { 0x86dd, "IPV6" },   { 0x8863, "PPP_DISC" },
		{ 0x8864, "PPP_SES" }, { 0x888e, "PAE" },  { 0x88cc, "LLDP" },
	};

	return FIND(rows, protocol);
}

/** packet(7) wants it in network byte order, and so it stands in the image. */
uint32_t explore_packet_protocol(const struct explore *x, const struct crit_socket *socket)
{
	uint32_t protocol = socket->protocol;

	if (x->ckpt->info.big_endian)
		return protocol;
	return (protocol & 0xff) << 8 | (protocol >> 8 & 0xff);
}
