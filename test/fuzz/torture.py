# SPDX-License-Identifier: Apache-2.0
"""Hostile and strange messages, one for each case of RFC 4475, written for our own domain.

Each case keeps the property that the section of the RFC is about (the name is the RFC's), not its text. `cases()` yields
(name, valid, bytes): valid ones must be understood (an answer that is not 400), the others must be refused or dropped,
and none may harm the node.
"""

CRLF = "\r\n"


def message(start, *lines, body=b"", length=None):
    """A request or response; `length` overrides the Content-Length, False leaves it out."""
    lines = list(lines)
    if length is not False:
        lines.append("Content-Length: %s" % (len(body) if length is None else length))
    return (CRLF.join([start, *lines]) + CRLF * 2).encode("utf-8", "surrogateescape") + body


def core(name, here, method="INVITE", cseq=None, via=None, target="sip:callee@{d}", to=None):
    """The six mandatory header fields."""
    return [
        via or "Via: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s" % (here, name),
        "To: %s" % (to or "<sip:callee@{d}>"),
        "From: caller <sip:caller@{d}>;tag=t%s" % name,
        "Call-ID: %s.torture@%s" % (name, here.split(":")[0]),
        "CSeq: %s" % (cseq or "7 " + method),
        "Max-Forwards: 68",
    ]


SDP = (CRLF.join(["v=0", "o=c 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", "m=audio 4000 RTP/AVP 0"]) + CRLF).encode()
SDP_TYPE = "Content-Type: application/sdp"


def cases(domain, here):
    """All of them, for a node that serves `domain`, sent from `here` ("127.0.0.66:5060")."""
    d = domain
    out = []

    def add(name, valid, raw):
        out.append((name, valid, raw.replace(b"{d}", d.encode())))

    def c(name, **kw):
        return core(name, here, **kw)

    contact = "Contact: <sip:caller@%s>" % here
    # 3.1.1 valid, but a parser must work for it
    add("wsinv", True, message(
        "INVITE sip:callee@{d};unknownparam SIP/2.0", "TO :\r\n sip:callee@{d} ;   tag    = 1918181833n",
        'from   : "J Rosenberg \\\\\\""       <sip:caller@{d}>\r\n  ;\r\n  tag = 98asjd8', "MaX-fOrWaRdS: 0068",
        "Call-ID: wsinv.torture@here", "cseq: 0009\r\n  INVITE", "Via  : SIP  /   2.0\r\n /UDP\r\n    %s;branch=z9hG4bKwsinv" % here,
        "s :", "NewFangledHeader:   newfangled value\r\n continued newfangled value",
        "UnknownHeaderWithUnusualValue: ;;,,;;,;", "Content-Type: application/sdp", "v:  SIP  / 2.0  / TCP     192.0.2.3   ;\r\n"
        "  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239",
        'm:"Quoted string \\"\\"" <sip:caller@%s> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33' % here, body=SDP))
    add("intmeth", True, message(
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@{d} SIP/2.0",
        *c("intmeth", method="!interesting-Method0123456789_*+`.%indeed'~")))
    add("esc01", True, message("INVITE sip:sips%3Auser%40example.com@{d} SIP/2.0", *c("esc01"), contact, SDP_TYPE, body=SDP))
    add("escnull", True, message("REGISTER sip:{d} SIP/2.0", *c("escnull", method="REGISTER", to="sip:null-%00-null@{d}"),
                                 "Contact: <sip:%%00@%s>" % here, "Contact: <sip:%%00%%00@%s>" % here))
    add("esc02", True, message("RE%47IST%45R sip:registrar.{d} SIP/2.0", *c("esc02", method="RE%47IST%45R"), contact))
    add("lwsdisp", True, message("OPTIONS sip:user@{d} SIP/2.0", *c("lwsdisp", method="OPTIONS")[:2],
                                 "From: caller<sip:caller@{d}>;tag=323", *c("lwsdisp", method="OPTIONS")[3:]))
    long_name = "x" * 300
    add("longreq", True, message(
        "INVITE sip:user@{d} SIP/2.0", *c("longreq")[:1],
        'To: "I have a user name of %s proportion"<sip:user@{d}:6000;unknownparam1=%s;longparam%s=short>' % ("extreme" * 20, "v" * 200, "n" * 100),
        "F: sip:%s@{d};tag=12312389489%s;unknownheaderparam%s=value" % ("amazinglylongcallername" * 3, "9" * 60, "name" * 20),
        *c("longreq")[3:], "Unknown-%s: unknown-%s-value" % (long_name, long_name),
        *["Via: SIP/2.0/TCP sip%d.example.com" % i for i in range(33, 3, -1)], contact, SDP_TYPE, body=SDP))
    add("dblreq", True, message("REGISTER sip:{d} SIP/2.0", *c("dblreq", method="REGISTER"), contact)
        + message("INVITE sip:joe@{d} SIP/2.0", *c("dblreq2"), contact, SDP_TYPE, body=SDP))
    add("semiuri", True, message("OPTIONS sip:user;par=u%40example.net@{d} SIP/2.0", *c("semiuri", method="OPTIONS")))
    add("transports", True, message("OPTIONS sip:user@{d} SIP/2.0", *c("transports", method="OPTIONS"),
                                    *["Via: SIP/2.0/%s t%d.example.com;branch=z9hG4bK%s" % (t, i, t) for i, t in
                                      enumerate(["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"])]))
    part = (b"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\nHello\r\n--b\r\n"
            b"Content-Type: application/octet-stream\r\n\r\n" + bytes(range(256)) + b"\r\n--b--\r\n")
    add("mpart01", True, message("MESSAGE sip:kumiko@{d} SIP/2.0", *c("mpart01", method="MESSAGE"), "Content-Type: multipart/mixed;boundary=b", body=part))
    add("unreason", True, message("SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e \u0441\u0442\u043e", *c("unreason"), contact))
    add("noreason", True, message("SIP/2.0 100 ", *c("noreason")))
    # 3.1.2 invalid
    add("badinv01", False, message("INVITE sip:user@{d} SIP/2.0", "To: sip:j.user@{d}", "From: sip:caller@{d};tag=134161461246",
                                   "Max-Forwards: 7", "Call-ID: badinv01.torture@here", "CSeq: 8 INVITE",
                                   "Via: SIP/2.0/UDP 192.0.2.15;;,;,,", 'Contact: "Joe" <sip:joe@{d}>;;;;', SDP_TYPE, body=SDP))
    add("clerr", False, message("INVITE sip:user@{d} SIP/2.0", *c("clerr"), contact, SDP_TYPE, body=SDP, length=9999))
    add("ncl", False, message("INVITE sip:user@{d} SIP/2.0", *c("ncl"), contact, SDP_TYPE, body=SDP, length=-999))
    add("scalar02", False, message("REGISTER sip:{d} SIP/2.0", *c("scalar02", cseq="36893488147419103232 REGISTER")[:5], "Max-Forwards: 300",
                                   "Expires: 1000000000000000000000", "Contact: <sip:user@%s>;expires=280297596632815" % here))
    add("scalarlg", False, message("SIP/2.0 503 Service Unavailable", *c("scalarlg", cseq="9292394834772304023312 OPTIONS"),
                                   "Retry-After: 949302838503028349304023988", "Warning: 1812 overture \"In Progress\""))
    add("quotbal", False, message("INVITE sip:user@{d} SIP/2.0", *c("quotbal", to='"Mr. J. User <sip:j.user@{d}>'), contact, SDP_TYPE, body=SDP))
    add("ltgtruri", False, message("INVITE <sip:user@{d}> SIP/2.0", *c("ltgtruri"), contact, SDP_TYPE, body=SDP))
    add("lwsruri", False, message("INVITE sip:user@{d}; lr SIP/2.0", *c("lwsruri"), contact, SDP_TYPE, body=SDP))
    add("lwsstart", False, message("INVITE  sip:user@{d}  SIP/2.0", *c("lwsstart"), contact, SDP_TYPE, body=SDP))
    add("trws", False, message("OPTIONS sip:remote-target@{d} SIP/2.0  ", *c("trws", method="OPTIONS")))
    add("escruri", False, message("INVITE sip:user@{d}?Route=%3Csip:{d}%3E SIP/2.0", *c("escruri"), contact, SDP_TYPE, body=SDP))
    add("baddate", False, message("INVITE sip:user@{d} SIP/2.0", *c("baddate"), "Date: Fri, 01 Jan 2010 16:00:00 EST", contact, SDP_TYPE, body=SDP))
    add("regbadct", False, message("REGISTER sip:{d} SIP/2.0", *c("regbadct", method="REGISTER"), "Contact: sip:user@{d}?Route=%3Csip:sip.{d}%3E"))
    add("badaspec", False, message("OPTIONS sip:user@{d} SIP/2.0", *c("badaspec", method="OPTIONS", to='"Watson, Thomas" < sip:t.watson@{d} >')))
    add("baddn", False, message("OPTIONS sip:t.watson@{d} SIP/2.0", *c("baddn", method="OPTIONS")[:2],
                                "From:    Bell, Alexander <sip:a.g.bell@{d}>;tag=43", *c("baddn", method="OPTIONS")[3:]))
    add("badvers", False, message("OPTIONS sip:t.watson@{d} SIP/7.0", *c("badvers", method="OPTIONS", via="Via: SIP/7.0/UDP %s;branch=z9hG4bKbv" % here)))
    add("mismatch01", False, message("OPTIONS sip:user@{d} SIP/2.0", *c("mismatch01", cseq="8 INVITE")))
    add("mismatch02", False, message("NEWMETHOD sip:user@{d} SIP/2.0", *c("mismatch02", cseq="8 INVITE"), contact, SDP_TYPE, body=SDP))
    add("bigcode", False, message("SIP/2.0 4294967301 better not break the receiver", *c("bigcode")))
    # 3.2 transaction layer
    add("badbranch", False, message("OPTIONS sip:user@{d} SIP/2.0", *c("badbranch", method="OPTIONS", via="Via: SIP/2.0/UDP %s;branch=z9hG4bK" % here)))
    # 3.3 application layer
    add("insuf", False, message("INVITE sip:user@{d} SIP/2.0", "CSeq: 193942 INVITE", "Via: SIP/2.0/UDP %s;branch=z9hG4bKinsuf" % here, SDP_TYPE, body=SDP))
    add("unkscm", False, message("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0", *c("unkscm", method="OPTIONS")))
    add("novelsc", False, message("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", *c("novelsc", method="OPTIONS")))
    add("unksm2", False, message("REGISTER sip:{d} SIP/2.0", *c("unksm2", method="REGISTER", to="isbn:2983792873"),
                                 "Contact: <name:John_Smith>"))
    add("bext01", False, message("OPTIONS sip:user@{d} SIP/2.0", *c("bext01", method="OPTIONS"), "Proxy-Require: nothingSupportsThis, nothingSupportsThisEither",
                                 "Require: noClientSupportsThis"))
    add("invut", True, message("INVITE sip:user@{d} SIP/2.0", *c("invut"), contact, "Content-Type: application/unknownformat", body=b"<audio/>\r\n"))
    add("regaut01", False, message("REGISTER sip:{d} SIP/2.0", *c("regaut01", method="REGISTER"), contact, "Authorization: NoOneKnowsThisScheme opaque-data=here"))
    add("multi01", False, message("INVITE sip:user@{d} SIP/2.0", *c("multi01"), "CSeq: 5 INVITE", "Call-ID: another@here", "From: sip:second@{d};tag=2",
                                  "To: sip:second@{d}", "Max-Forwards: 5", contact, SDP_TYPE, body=SDP))
    add("mcl01", False, message("OPTIONS sip:user@{d} SIP/2.0", *c("mcl01", method="OPTIONS"), "Content-Length: 13", "Content-Type: text/plain",
                                body=b"There's no way to know how many octets are supposed to be here.\r\n", length=5))
    add("bcast", True, message("SIP/2.0 200 OK", *c("bcast", via="Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKbcast"), contact, SDP_TYPE, body=SDP))
    zero = c("zeromf", method="OPTIONS")
    add("zeromf", True, message("OPTIONS sip:user@{d} SIP/2.0", *zero[:5], "Max-Forwards: 0"))
    add("cparam01", True, message("REGISTER sip:{d} SIP/2.0", *c("cparam01", method="REGISTER"), "Contact: sip:+19725552222@%s;unknownparam" % here))
    add("cparam02", True, message("REGISTER sip:{d} SIP/2.0", *c("cparam02", method="REGISTER"), "Contact: <sip:+19725552222@%s;unknownparam>" % here))
    add("regescrt", True, message("REGISTER sip:{d} SIP/2.0", *c("regescrt", method="REGISTER"), "Contact: <sip:user@{d}?Route=%3Csip:sip.{d}%3E>"))
    add("sdp01", True, message("INVITE sip:user@{d} SIP/2.0", *c("sdp01"), contact, "Accept: text/nobodyKnowsThis", SDP_TYPE, body=SDP))
    # 3.4 from the time of RFC 2543
    add("inv2543", True, message("INVITE sip:UserB@{d} SIP/2.0", "Via: SIP/2.0/UDP %s" % here, "From: <sip:caller@{d}>", "To: sip:callee@{d}",
                                 "Call-ID: inv2543.torture@here", "CSeq: 1 INVITE", contact, SDP_TYPE, body=SDP))
    return out
