// SPDX-License-Identifier: Apache-2.0
/* The answers that freeDiameter makes by itself, mended: they carry the question's Session-Id, and an AVP at fault that can be
 * sent. Without that it dropped the connection of everybody behind the CSCF that had asked. [RFC 6733 6.2, 7.5]
 * And those of a node that ends: it goes on answering until its peers know, where freeDiameter stopped first and then waited 15 s
 * for the answers. */
#include "common/diameter/dict.h"
#include "common/diameter/fd.h"
#include <dlfcn.h>
#include <freeDiameter/libfdcore.h>

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

int fd_msg_rescode_set(struct msg *answer, char *result, char *message, struct avp *failed, int set_error_bit)
{
	int err = set_result(answer, result, message, failed, set_error_bit);

	if (!err) {
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
