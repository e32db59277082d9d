"""Sentences of what tags ask for, and why they cannot have it."""

SENTENCES = {
    # --- what tags ask for
    "infra has taken it off the network for now: ask there": (
        "インフラチームが今はネットワークから外しています: インフラチームに確認してください"
    ),
    "infra has taken this account off the network for now: ask there": (
        "インフラチームが今はこのアカウントをネットワークから外しています: インフラチームに確認してください"
    ),
    "the load balancer is being provisioned": "ロードバランサーを作成中です",
    "it cannot be read: {why}": "読み取れません: {why}",
    "add tag {key} = {offered}, or remove the others": "タグ {key} = {offered} を付けるか、ほかのタグを外してください",
    "this account may join {offered}: the tag says {given}": (
        "このアカウントが参加できるのは {offered} です: タグの値は {given} です"
    ),
    "write {right} instead of {wrong}": "{wrong} ではなく {right} と書いてください",
    "remove tag {wrong}: nothing here reads it. What is read: {choices}": (
        "タグ {wrong} を外してください: 読まれないキーです。読まれるキー: {choices}"
    ),
    "use an internal ALB: a {type} load balancer cannot be a target": (
        "内部 ALB を使ってください: {type} ロードバランサーはターゲットにできません"
    ),
    "use an internal load balancer: this one is {scheme}": (
        "内部のロードバランサーを使ってください: これは {scheme} です"
    ),
    "repair or replace the load balancer: it is in state failed": (
        "ロードバランサーを直すか、作り直してください: failed の状態です"
    ),
    "tag the service in account {account}, whose it is: here it is only shared": (
        "このサービスを持つアカウント {account} でタグを付けてください: ここには共有されているだけです"
    ),
    "remove tag {key} from it, if it is not meant to be ours: nothing shows that a run made it": (
        "こちらのものでなければ、タグ {key} を外してください: こちらが作ったと確認できません"
    ),
    "repair or replace the service: service {name} is {status}: {why}": (
        "サービスを直すか、作り直してください: サービス {name} は {status} です: {why}"
    ),
    "add a listener to the service: it has none and so nothing answers": (
        "サービスにリスナーを追加してください: 1 つもないため、応答しません"
    ),
    "add an HTTP or HTTPS listener to the service: the network asks who calls, and where TLS passes through nobody can"
    " sign": (
        "サービスに HTTP か HTTPS のリスナーを追加してください: ネットワークは呼び出し元を確かめますが、"
        "TLS パススルーでは誰も署名できません"
    ),
    "take it off the network by hand to end that: somebody else associated it and without the tag it stays": (
        "外すなら、手でネットワークから外してください: 他の手で関連付けられていて、タグを外しても残ります"
    ),
    "choose one protocol for port {port}: tag {key} asks for two": (
        "ポート {port} のプロトコルを 1 つにしてください: タグ {key} に 2 つ書かれています"
    ),
    "write for instance HTTPS:443 in tag {key}: it is empty": "タグ {key} に HTTPS:443 のように書いてください: 空です",
    "ask for {most} listeners at most in tag {key}: it has {number}": (
        "タグ {key} のリスナーは {most} つまでにしてください: {number} つあります"
    ),
    "write {choices} and a port in tag {key}, as HTTP:80: it has {given}": (
        "タグ {key} に {choices} とポートを HTTP:80 のように書いてください: 今の値は {given} です"
    ),
    "write a number from 0 to 999 or theirs in tag {key}: it has {given}": (
        "タグ {key} に 0 から 999 の数か theirs を書いてください: 今の値は {given} です"
    ),
    "name one of the load balancer's listeners in tag {key}: it has {given} and the load balancer listens on {shown}": (
        "タグ {key} にロードバランサーのリスナーを 1 つ書いてください: 今の値は {given} で、ロードバランサーのリスナー"
        "は {shown} です"
    ),
    "add a listener to the load balancer: it has none yet": (
        "ロードバランサーにリスナーを追加してください: まだ 1 つもありません"
    ),
    "choose {passthrough} or the others in tag {key}: they need target groups of other kinds": (
        "タグ {key} には {passthrough} かそれ以外のどちらかだけを書いてください: "
        "必要なターゲットグループの種類が違います"
    ),
    "add tag {key} or listen otherwise: {passthrough} goes by a domain of your own": (
        "タグ {key} を付けるか、ほかのプロトコルで待ち受けてください: {passthrough} には独自ドメインが必要です"
    ),
    "remove tag {key}: with {passthrough} the load balancer shows its own": (
        "タグ {key} を外してください: {passthrough} ではロードバランサー自身の証明書が使われます"
    ),
    "remove tag {key}: with {passthrough} Lattice reads no request": (
        "タグ {key} を外してください: {passthrough} では Lattice はリクエストを読みません"
    ),
    "write none or vpcs in tag {key}: with {passthrough} no caller can sign": (
        "タグ {key} には none か vpcs を書いてください: {passthrough} では呼び出し元は署名できません"
    ),
    "listen for HTTPS in tag {key}, or ask infra: the network asks who calls, and with {passthrough} no caller can"
    " sign": (
        "タグ {key} に HTTPS を書くか、インフラに相談してください: ネットワークは呼び出し元を確かめますが、"
        "{passthrough} では呼び出し元は署名できません"
    ),
    "name an HTTPS listener in tag {key}: with {passthrough} the load balancer ends TLS and {listener} does not": (
        "タグ {key} に HTTPS リスナーを書いてください: {passthrough} では TLS はロードバランサーで終わりますが"
        " {listener} は HTTPS ではありません"
    ),
    "add an HTTPS listener to the load balancer: with {passthrough} it ends TLS. It listens on {shown}": (
        "ロードバランサーに HTTPS リスナーを追加してください: {passthrough} では TLS はロードバランサーで終わります。"
        "今のリスナーは {shown} です"
    ),
    (
        "clients use {domain} once its DNS record is an alias or CNAME of {name}, and no other name: a connection lives"
        " 10 minutes at most"
    ): (
        "DNS レコードを {name} へのエイリアスか CNAME にすると、クライアントは {domain} を使えます。"
        "ほかの名前は使えず、接続は最長 10 分です"
    ),
    (
        "mend the load balancer whose rule takes all that would come here, or take its rule tags off: nothing"
        " answers there"
    ): (
        "ここに来るはずのリクエストをすべて受けるルールのロードバランサーを直すか、そのルールのタグを外してください:"
        " そこでは何も応答しません"
    ),
    (
        "remove rule {rule} of listener {listener} of service {name}: somebody made it, and it takes all that would"
        " come here"
    ): (
        "サービス {name} のリスナー {listener} のルール {rule} を削除してください: ほかの誰かが作ったもので、"
        "ここに来るはずのリクエストをすべて受けています"
    ),
    "name one listener in tag {key}: the load balancer listens on {shown}": (
        "タグ {key} にリスナーを 1 つ書いてください: ロードバランサーのリスナーは {shown} です"
    ),
    (
        "give the load balancer an HTTP listener that forwards, and name it in tag {key} as HTTP:8080: Lattice reaches "
        "HTTPS only under the service's own certificate. It listens on {shown}"
    ): (
        "ロードバランサーに転送する HTTP リスナーを追加し、タグ {key} に HTTP:8080 のように書いてください: Lattice が "
        "HTTPS で届くのは、サービス自身と同じ証明書のときだけです。今のリスナーは {shown} です"
    ),
    "write {shown} in the listen tag as the load balancers that serve {name} do, or choose another service": (
        "listen のタグに、{name} を提供しているロードバランサーと同じ {shown} を書くか、別のサービス名にしてください"
    ),
    "give all load balancers of service {name} the same listen tag": (
        "サービス {name} のすべてのロードバランサーで、listen のタグを同じ値にしてください"
    ),
    "choose another service: {name} has the {most} load balancers that it may have": (
        "別のサービス名にしてください: {name} には上限の {most} 台のロードバランサーがあります"
    ),
    "say the same of {keys} as the others of {name}, or nothing": (
        "{keys} を {name} のほかのロードバランサーと同じ値にするか、書かないでください"
    ),
    "add {choices} or remove {key}: there is no rule to order": (
        "{choices} のどれかを書くか、{key} を外してください: 順番を決めるルールがありません"
    ),
    "ask for less in the rule tags: a listener has {most} rules at most and these are {number}. A path prefix is two"
    " and several methods or headers multiply": (
        "ルールのタグの値を減らしてください: リスナーのルールは {most} 個までで、今は {number} 個になります。"
        "path-prefix は 1 つで 2 個、複数のメソッドやヘッダーは掛け算になります"
    ),
    "ask for less in the rule tags, or choose another service: a listener has {most} rules at most and {name} would"
    " have {number}": (
        "ルールのタグの値を減らすか、別のサービス名にしてください: リスナーのルールは {most} 個までで、{name} は"
        " {number} 個になります"
    ),
    "write paths of at most {most} characters that begin with / in tag {key}, as /api: it has {given}": (
        "タグ {key} に / で始まる {most} 文字までのパスを /api のように書いてください: 今の値は {given} です"
    ),
    "write paths without . and .. in tag {key}, as clients send them: it has {given}": (
        "タグ {key} には、クライアントが送るとおり . と .. のないパスを書いてください: 今の値は {given} です"
    ),
    "write HTTP's methods in tag {key}, as GET POST: it has {given}": (
        "タグ {key} に HTTP のメソッドを GET POST のように書いてください: 今の値は {given} です"
    ),
    "write a header's name and its whole value in tag {key}, as x-version=beta: it has {given}": (
        "タグ {key} にヘッダーの名前と値の全体を x-version=beta のように書いてください: 今の値は {given} です"
    ),
    "shorten the header in tag {key}: a name has {most} characters at most, a value {number}": (
        "タグ {key} のヘッダーを短くしてください: 名前は {most} 文字、値は {number} 文字までです"
    ),
    "write a number from 1 to {most} in tag {key}: it has {given}": (
        "タグ {key} に 1 から {most} の数を書いてください: 今の値は {given} です"
    ),
    "write a number from 1 to {most} in tag {key}, for its {number} rules have numbers one after the other from there:"
    " it has {given}": (
        "タグ {key} に 1 から {most} の数を書いてください。{number} 個のルールがその数から順に番号を使います: "
        "今の値は {given} です"
    ),
    "choose another number in tag {key}: {number} is taken on service {name}": (
        "タグ {key} に別の数を書いてください: {number} はサービス {name} で使われています"
    ),
    "write {number} in tag {key} or remove it: other load balancers of {name} ask for the same requests so": (
        "タグ {key} に {number} を書くか、タグを外してください: 同じリクエストを受ける {name} の他の ALB が"
        "そうしています"
    ),
    "remove tag {key}: other load balancers of {name} ask for the same requests so": (
        "タグ {key} を外してください: 同じリクエストを受ける {name} の他の ALB がそうしています"
    ),
    (
        "tag a load balancer with domain {domain} and no rule to take the rest: what matches no rule is answered"
        " {number}"
    ): (
        "ドメイン {domain} にルールのない ALB を加えれば残りを受けられます: どのルールにも合わないリクエストには"
        " {number} が返ります"
    ),
    "tag a load balancer with service {name} and no rule to take the rest: what matches no rule is answered {number}": (
        "サービス {name} にルールのない ALB を加えれば残りを受けられます: どのルールにも合わないリクエストには"
        " {number} が返ります"
    ),
    "tags ask for {what}": "タグが {what} を求めています",
    "{what} of {name} waits until another rule makes room": (
        "{name} の {what} は、別のルールの場所が空くのを待っています"
    ),
    "they do not take what the tags ask for, or not in that order": (
        "受けるリクエストか順番が、タグの求めるものと違います"
    ),
    "nobody asks for the rest": "残りのリクエストを求めるものがありません",
    "write a value in tag {key}, or remove it: it is empty": "タグ {key} に値を書くか、タグを外してください: 空です",
    "write ids of security groups of this VPC in tag {key}, as sg-0123abcd: it has {given}": (
        "タグ {key} に、この VPC のセキュリティグループの ID を sg-0123abcd のように書いてください: 今の値は {given} で"
        "す"
    ),
    "name {most} security groups at most in tag {key}: it has {number}": (
        "タグ {key} のセキュリティグループは {most} つまでにしてください: {number} つあります"
    ),
    "name fewer or larger CIDRs, or fewer ports: {number} rules would be needed and a security group holds {most}": (
        "CIDR を減らすか大きくまとめる、またはポートを減らしてください: {number} 個のルールが必要ですが、セキュリティグ"
        "ループには {most} 個までです"
    ),
    (
        "name fewer or larger CIDRs, or fewer ports: {number} rules would be needed and a security group holds {most}: "
        "{why}"
    ): (
        "CIDR を減らすか大きくまとめる、またはポートを減らしてください: {number} 個のルールが必要ですが、セキュリティグ"
        "ループには {most} 個までです: {why}"
    ),
    "{list} may hold {number} entries and counts as so many rules": (
        "{list} は最大 {number} 件で、同じ数のルールに数えられます"
    ),
    "write {right} in tag {key}: it has {given}": "タグ {key} に {right} と書いてください: 今の値は {given} です",
    "write a port from 1 to 65535 in tag {key}: it has {given}": (
        "タグ {key} に 1 から 65535 のポートを書いてください: 今の値は {given} です"
    ),
    "write ids as {example} in tag {key}: it has {given}": (
        "タグ {key} に ID を {example} のように書いてください: 今の値は {given} です"
    ),
    "write CIDRs as 10.1.33.54/32 or 2001:db8::/64, pl-0123abcd or sg-0123abcd in tag {key}: it has {given}": (
        "タグ {key} に 10.1.33.54/32 や 2001:db8::/64 のような CIDR、pl-0123abcd、または sg-0123abcd を書いてください: "
        "今の値は {given} です"
    ),
    "write {range} for the whole range or {one} for one in tag {key}: it has {given}": (
        "タグ {key} に、範囲全体なら {range}、1 つだけなら {one} と書いてください: 今の値は {given} です"
    ),
    "remove one of tags {one} and {other}": "タグ {one} と {other} のどちらかを外してください",
    "write seconds from 60 to 600 in tag {key}: it has {given}": (
        "タグ {key} に 60 から 600 の秒数を書いてください: 今の値は {given} です"
    ),
    "write the name of a log group of this account in tag {key}, as /lattice/orders: it has {given}": (
        "タグ {key} に、このアカウントのロググループの名前を /lattice/orders のように書いてください: 今の値は {given} "
        "です"
    ),
    "add {other} or remove {key}: a certificate is for a domain": (
        "{other} を付けるか、{key} を外してください: 証明書はドメインのためのものです"
    ),
    "write the ARN or the id of a certificate of this account in tag {key}: it has {given}": (
        "タグ {key} に、このアカウントの証明書の ARN または ID を書いてください: 今の値は {given} です"
    ),
    "write the name of an SSM parameter below {path} in tag {key}, as {example}: it has {given}": (
        "タグ {key} に、{path} の下の SSM パラメータの名前を {example} のように書いてください: 今の値は {given} です"
    ),
    "write accounts and their ids in tag {key}: this network has no org": (
        "タグ {key} に accounts とその ID を書いてください: このネットワークには組織がありません"
    ),
    (
        "name the service with {number} to {most} of a-z 0-9 and single inner hyphens, not starting with svc-: the tag "
        "has {given}"
    ): (
        "サービス名は a-z 0-9 と途中の単独のハイフンで {number} から {most} 文字、svc- 以外で始めてください: タグの値は"
        " {given} です"
    ),
    (
        "write one whole host name of your own as api.shop.example.jp, in punycode where it has other letters: the tag "
        "has {given}"
    ): (
        "自分のホスト名を 1 つ、api.shop.example.jp のように書いてください。日本語などの文字は Punycode で書きます: タ"
        "グの値は {given} です"
    ),
    "write a host name of your own: {given} is Amazon's": (
        "自分のホスト名を書いてください: {given} は Amazon のものです"
    ),
    # --- auth policies
    "write JSON: it is none": "JSON を書いてください: JSON ではありません",
    "write JSON: it is none: SSM parameter {parameter}": (
        "JSON を書いてください: JSON ではありません: SSM パラメータ {parameter}"
    ),
    "write an object with Version and Statement: it is none": (
        "Version と Statement のあるオブジェクトを書いてください: オブジェクトではありません"
    ),
    "write an object with Version and Statement: it is none: SSM parameter {parameter}": (
        "Version と Statement のあるオブジェクトを書いてください: オブジェクトではありません: SSM パラメータ "
        "{parameter}"
    ),
    "a policy has one statement at least": "ポリシーにはステートメントが 1 つ以上要ります",
    "mend it: {why}": "直してください: {why}",
    "mend it: {why}: SSM parameter {parameter}": "直してください: {why}: SSM パラメータ {parameter}",
    "write a Principal in statement {name}: it has none": (
        "ステートメント {name} に Principal を書いてください: ありません"
    ),
    "write a Principal in statement {name}: it has none: SSM parameter {parameter}": (
        "ステートメント {name} に Principal を書いてください: ありません: SSM パラメータ {parameter}"
    ),
    "write {most} bytes at most: it has {number}": "{most} バイトまでにしてください: {number} バイトあります",
    "write {most} bytes at most: it has {number}: SSM parameter {parameter}": (
        "{most} バイトまでにしてください: {number} バイトあります: SSM パラメータ {parameter}"
    ),
    "put your policy into SSM parameter {parameter} as a String: there is none in this account and region": (
        "SSM パラメータ {parameter} に、自分のポリシーを String で置いてください: このアカウントとリージョンには"
        "ありません"
    ),
    "delete SSM parameter {parameter} and put your policy there anew as a String: it is a {kind}": (
        "SSM パラメータ {parameter} を削除し、自分のポリシーを String で置き直してください: 今の種類は {kind} です"
    ),
    "not JSON: {error}": "JSON ではありません: {error}",
    "a policy is an object with Statement": "ポリシーは Statement のあるオブジェクトです",
    "statement {name} is not an object": "ステートメント {name} がオブジェクトではありません",
    "statement {name} has the unknown element {element}": "ステートメント {name} に知らない要素 {element} があります",
    "statement {name}: Effect is Allow or Deny": "ステートメント {name}: Effect は Allow か Deny です",
    "statement {name} has both {one} and {other}": "ステートメント {name} に {one} と {other} の両方があります",
    "statement {name} has neither Action nor NotAction": "ステートメント {name} に Action も NotAction もありません",
    "statement {name}: Sid is a text": "ステートメント {name}: Sid は文字列です",
    "{what} is a text or a list of texts": "{what} は文字列か、文字列の一覧です",
    "statement {name}: Principal is '*' or an object": "ステートメント {name}: Principal は '*' かオブジェクトです",
    "statement {name}: unknown kind of principal {kind}": (
        "ステートメント {name}: 知らない種類のプリンシパル {kind} です"
    ),
    "statement {name}: Condition is an object of objects": (
        "ステートメント {name}: Condition はオブジェクトのオブジェクトです"
    ),
    "statement {name}: unknown condition operator {operator}": (
        "ステートメント {name}: 知らない条件演算子 {operator} です"
    ),
}
