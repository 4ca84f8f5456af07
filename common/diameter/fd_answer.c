// SPDX-License-Identifier: Apache-2.0
/* The answers that freeDiameter makes by itself, mended: they carry the question's Session-Id, and an AVP at fault that can be
 * sent. Without that it dropped the connection of everybody behind the CSCF that had asked. [RFC 6733 6.2, 7.5]
 * And those of a node that ends: it goes on answering until its peers know, where freeDiameter stopped first and then waited 15 s
 * for the answers. */
#include "common/diameter/dict.h"
#include "common/diameter/fd.h"
#include <dlfcn.h>
#include <freeDiameter/libfdcore.h>
#include <stdlib.h>
#include <string.h>

static int (*set_result)(struct msg *answer, char *result, char *message, struct avp *failed, int set_error_bit);

static struct dict_object *model_of(const struct avp_hdr *hdr, enum dict_avp_basetype *type)
{
	struct dict_avp_request which = { .avp_vendor = hdr->avp_flags & AVP_FLAG_VENDOR ? hdr->avp_vendor : 0, .avp_code = hdr->avp_code };
	struct dict_object *model = NULL;
	struct dict_avp_data data = { .avp_basetype = AVP_TYPE_OCTETSTRING };

	if (fd_dict_search(fd_g_config->cnf_dict, DICT_AVP, AVP_BY_CODE_AND_VENDOR, &which, &model, 0) || !model)
		return NULL;
	fd_dict_getval(model, &data);
	*type = data.avp_basetype;
	return model;
}

/* A number of a wrong length is told with zeroes of the right one; what has no data at all cannot be sent [RFC 6733 7.5]. */
static void give_value(struct avp *failed, struct avp *avp)
{
	enum dict_avp_basetype type = AVP_TYPE_OCTETSTRING;
	union avp_value zero = { .u64 = 0 };
	struct dict_object *model;
	struct avp *filled = NULL;
	struct avp_hdr *hdr;
	bool empty;

	if (fd_msg_avp_hdr(avp, &hdr) || hdr->avp_value)
		return;
	model = model_of(hdr, &type);
	empty = hdr->avp_len <= (hdr->avp_flags & AVP_FLAG_VENDOR ? 12 : 8);
	if (!empty && (!model || type == AVP_TYPE_OCTETSTRING || type == AVP_TYPE_GROUPED))
		return;
	if (type == AVP_TYPE_OCTETSTRING)
		zero.os.data = (uint8_t *)"";
	if (model && !fd_msg_avp_new(model, 0, &filled) && type != AVP_TYPE_GROUPED)
		fd_msg_avp_setvalue(filled, &zero);
	fd_msg_free(avp);
	if (filled)
		fd_msg_avp_add(failed, MSG_BRW_LAST_CHILD, filled);
}

/* The message's own AVP of the base protocol, or NULL. */
static struct avp *find(struct msg *msg, uint32_t code)
{
	struct avp *avp = NULL;
	struct avp_hdr *hdr;

	fd_msg_browse(msg, MSG_BRW_FIRST_CHILD, &avp, NULL);
	while (avp && !fd_msg_avp_hdr(avp, &hdr)) {
		if (hdr->avp_code == code && !(hdr->avp_flags & AVP_FLAG_VENDOR))
			return avp;
		if (fd_msg_browse(avp, MSG_BRW_NEXT, &avp, NULL))
			return NULL;
	}
	return NULL;
}

static void mend_failed_avp(struct msg *answer)
{
	struct avp *failed = find(answer, AC_FAILED_AVP), *inner = NULL;

	if (failed && !fd_msg_browse(failed, MSG_BRW_FIRST_CHILD, &inner, NULL) && inner)
		give_value(failed, inner);
}

/* As the first AVP [RFC 6733 8.8]. */
static void add_session_id(struct msg *answer)
{
	struct msg *question = NULL;
	struct avp *asked, *copy;
	struct avp_hdr *hdr;

	if (find(answer, AC_SESSION_ID) || fd_msg_answ_getq(answer, &question) || !question)
		return;
	asked = find(question, AC_SESSION_ID);
	if (!asked || (fd_msg_parse_dict(asked, fd_g_config->cnf_dict, NULL), fd_msg_avp_hdr(asked, &hdr)) || !hdr->avp_value)
		return;
	if (fd_msg_avp_new(dict_avp(AVP_SESSION_ID), 0, &copy))
		return;
	if (fd_msg_avp_setvalue(copy, hdr->avp_value) || fd_msg_avp_add(answer, MSG_BRW_FIRST_CHILD, copy))
		fd_msg_free(copy);
}

/* The P bit is that of the question [RFC 6733 6.2]. */
static void copy_proxiable(struct msg *answer)
{
	struct msg *question = NULL;
	struct msg_hdr *asked, *hdr;

	if (fd_msg_answ_getq(answer, &question) || !question || fd_msg_hdr(question, &asked) || fd_msg_hdr(answer, &hdr))
		return;
	hdr->msg_flags |= asked->msg_flags & CMD_FLAG_PROXIABLE;
}

/* ---- an AVP that we do not know, as it came ---- */

enum { DEPTH_MAX = 8, HEADER = 20, AVP_HEADER = 8, VENDOR_AVP_HEADER = 12 };

/* Its place among its siblings, then its parent's, and so on. How many, or 0. */
static int path_of(struct msg *question, struct avp *avp, int *path)
{
	msg_or_avp *at = avp, *next;
	int depth = 0;

	while (at && at != (msg_or_avp *)question && depth < DEPTH_MAX) {
		path[depth] = 0;
		for (next = at; !fd_msg_browse_internal(next, MSG_BRW_PREV, &next, NULL) && next;)
			path[depth]++;
		depth++;
		if (fd_msg_browse_internal(at, MSG_BRW_PARENT, &at, NULL))
			return 0;
	}
	return at ? depth : 0;
}

static size_t size_at(const uint8_t *p, const uint8_t *end)
{
	size_t size = end - p < AVP_HEADER ? 0 : (size_t)p[5] << 16 | (size_t)p[6] << 8 | p[7];

	return size < AVP_HEADER || size > (size_t)(end - p) ? 0 : size;
}

/* Where it is in the octets; len 0: it is not. */
static struct bytes octets_of(struct bytes message, const int *path, int depth)
{
	const uint8_t *p = message.data + HEADER, *end = message.data + message.len;
	size_t size = 0;

	while (depth--) {
		for (int n = path[depth]; (size = size_at(p, end)) && n; n--)
			p += (size + 3) & ~(size_t)3;
		if (!size)
			return (struct bytes){ 0 };
		end = p + size;
		p += depth ? p[4] & AVP_FLAG_VENDOR ? VENDOR_AVP_HEADER : AVP_HEADER : 0;
	}
	return (struct bytes){ p, size };
}

/* ANY, with the header of the one in the octets. */
static struct avp *avp_of(struct bytes b, const struct avp_hdr *of)
{
	size_t head = of->avp_flags & AVP_FLAG_VENDOR ? VENDOR_AVP_HEADER : AVP_HEADER;
	union avp_value v = { .os = { .data = (uint8_t *)(uintptr_t)b.data + head, .len = b.len - head } };
	struct avp_hdr *hdr;
	struct avp *avp;

	if (b.len < head || fd_msg_avp_new(dict_avp(AVP_ANY), 0, &avp))
		return NULL;
	if (fd_msg_avp_setvalue(avp, &v) || fd_msg_avp_hdr(avp, &hdr)) {
		fd_msg_free(avp);
		return NULL;
	}
	hdr->avp_code = of->avp_code;
	hdr->avp_flags = of->avp_flags;
	hdr->avp_vendor = of->avp_vendor;
	return avp;
}

/* freeDiameter tells an AVP that it does not know with zeroes; "the entire AVP" is wanted [RFC 6733 7.5]. */
static void tell_unknown(struct msg *answer, struct avp *failed)
{
	struct avp *group = find(answer, AC_FAILED_AVP), *inner = NULL, *whole;
	struct msg *question = NULL;
	uint8_t *octets = NULL;
	struct avp_hdr *hdr;
	int path[DEPTH_MAX], depth;
	size_t len;

	if (!group || fd_msg_answ_getq(answer, &question) || !question || fd_msg_avp_hdr(failed, &hdr))
		return;
	depth = path_of(question, failed, path);
	if (!depth || fd_msg_bufferize(question, &octets, &len))
		return;
	whole = avp_of(octets_of((struct bytes){ octets, len }, path, depth), hdr);
	free(octets);
	if (!whole)
		return;
	if (!fd_msg_browse(group, MSG_BRW_FIRST_CHILD, &inner, NULL) && inner)
		fd_msg_free(inner);
	fd_msg_avp_add(group, MSG_BRW_LAST_CHILD, whole);
}

/* freeDiameter has one word for a realm and for a host that are not its own. [RFC 6733 7.1.3] */
static bool is_other_realm(struct msg *answer)
{
	const struct fd_config *c = fd_g_config;
	struct msg *question = NULL;
	struct avp *realm;
	struct avp_hdr *hdr;

	if (fd_msg_answ_getq(answer, &question) || !question || !(realm = find(question, AC_DESTINATION_REALM)) || fd_msg_avp_hdr(realm, &hdr))
		return false;
	return hdr->avp_value && (hdr->avp_value->os.len != c->cnf_diamrlm_len ||
				  strncasecmp((const char *)hdr->avp_value->os.data, c->cnf_diamrlm, c->cnf_diamrlm_len));
}

int fd_msg_rescode_set(struct msg *answer, char *result, char *message, struct avp *failed, int set_error_bit)
{
	bool elsewhere = !strcmp(result, "DIAMETER_UNABLE_TO_DELIVER") && is_other_realm(answer);
	int err = set_result(answer, elsewhere ? (char *)"DIAMETER_REALM_NOT_SERVED" : result, message, failed, set_error_bit);

	if (!err) {
		copy_proxiable(answer);
		if (failed && !strcmp(result, "DIAMETER_AVP_UNSUPPORTED"))
			tell_unknown(answer, failed);
		mend_failed_avp(answer);
		add_session_id(answer);
	}
	return err;
}

int fd_rtdisp_cleanstop(void); /* in no public header */

int fd_rtdisp_cleanstop(void)
{
	return 0; /* its threads end when their queues do */
}

bool fd_answer_prepare(void)
{
	*(void **)&set_result = dlsym(RTLD_NEXT, "fd_msg_rescode_set");
	return set_result;
}
